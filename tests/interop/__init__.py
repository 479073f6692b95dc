"""Our Engine.IO beside that of others: their clients against our server, our client against their servers."""

"""What holds for all tests."""

from hypothesis import settings

settings.register_profile("everyday", deadline=None)
settings.register_profile("fuzz", deadline=None, max_examples=5000)
settings.load_profile("everyday")

"""What is written over the pictures of a screen: letters, codes, and where each thing stands."""

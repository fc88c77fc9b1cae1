"""One module for each policy API: its vocabulary, and its policies in compiled shape."""

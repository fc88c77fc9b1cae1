"""How each kind of answer is told as a document, a table and a line; they compute nothing."""

"""One file per verb: what the product does with a snapshot. May use the engine; knows no file, no client, no screen."""

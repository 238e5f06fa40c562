"""What an answer looks like in any medium; knows no method."""

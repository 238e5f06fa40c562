"""What the network reads of a context and of a question: named columns and anchors."""

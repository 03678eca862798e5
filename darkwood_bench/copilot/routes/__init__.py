"""What can be asked, one module a kind of request."""

"""What pages are put together from; none of these is a page itself."""

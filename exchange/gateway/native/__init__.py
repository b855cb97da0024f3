"""The codec of the order session in C++; see README.md."""

"""The program: what the files say, typed and checked, and the layers that connect the components."""

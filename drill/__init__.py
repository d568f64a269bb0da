"""The recovery drill: `make drill` rehearses the guide's procedures on real servers and times them."""

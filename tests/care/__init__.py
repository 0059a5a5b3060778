"""Cases: raised, worked on, confirmed; who reads them."""

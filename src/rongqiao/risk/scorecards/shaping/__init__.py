"""How bins, weights and crossings find their shape: the numerical parts of a fit."""

"""RongQiao (融桥): a lending platform exact to the fen."""

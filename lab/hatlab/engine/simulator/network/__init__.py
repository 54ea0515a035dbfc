"""The simulated network: what a frame crosses, and what decides where it goes.

network     the wire: interfaces, cuts, loss, delay, and the frames themselves
arp_cache   which machine a host takes for the holder of an address
neighbours  whether a unicast advert leaves: towards a machine that answered lately
routing     what a router does with a packet
firewall    rules that somebody set by hand with nft
"""

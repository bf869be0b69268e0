"""Keys and their life, signatures, seals, tokens, digests and the transparency log.

Pure: no I/O, no clock. The present time and random bytes are arguments, with one exception that cannot be
avoided: making a key, signing with ECDSA and sealing a JWE draw on the operating system's generator inside
the libraries. Nothing outside this package imports python-jose or cryptography.

Every failure to trust something is a ``SealFailed``: callers are told one uniform code, the reason is for the log.
"""

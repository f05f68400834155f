"""Databases of others that jobs may write into: named by the administrator, and by nobody else."""

"""The lab: experiments on methods, priors, decisions and theory, one file each, all of one shape (experiment.py)."""

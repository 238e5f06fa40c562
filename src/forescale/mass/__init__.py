"""Many curves: a table in, a tidy table out, in one process or in many, on one machine or on a cluster."""

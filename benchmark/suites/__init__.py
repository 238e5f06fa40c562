"""Suites are data: each module gives lists of `Problem`, and knows no method.

papers     the real curves of the papers, from the data folder         truths      curves whose truth is known, drawn here
world      more real curves, joint runs and recipes, from there too    learners    scikit-learn's learners, stored here
students   trained networks of the theory's teachers, stored here
"""

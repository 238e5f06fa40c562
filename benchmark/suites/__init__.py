"""Suites are data: each module gives lists of `Problem`, and knows no method.

papers      the real curves of the papers, from the data folder
world       more real curves, joint runs and recipes, from there too
truths      curves whose truth is known, drawn here
learners    learning curves of scikit-learn's learners, stored here
students    trained students of the theory's teachers, stored here
"""

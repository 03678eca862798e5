"""Measure how a model, its prompt and its checks turn questions into Polars code."""

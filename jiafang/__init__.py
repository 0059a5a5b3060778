"""Jiafang 佳访: three-tier home visits for a county education bureau."""

"""The long layout: one record a row, as registers export certificates."""

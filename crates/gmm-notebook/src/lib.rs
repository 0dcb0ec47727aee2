//! Figures, tables and checks for notebooks.

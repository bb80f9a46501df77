"""Operations: what each call of the management API does with the records."""

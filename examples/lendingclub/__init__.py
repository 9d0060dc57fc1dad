"""Ten thousand real loans of Lending Club, folded again from what was published: docs/tutorial/lending-club.md."""

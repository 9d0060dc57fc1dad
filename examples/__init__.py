"""Programs that show Forbear at work on data that anybody can get."""

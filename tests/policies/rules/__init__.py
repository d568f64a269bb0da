"""What each rule decides, one module of cases for each service."""

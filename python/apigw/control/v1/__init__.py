"""Operations of REST APIs (API version 2015-07-09), one module per resource family."""

// Entry module of the landing page.

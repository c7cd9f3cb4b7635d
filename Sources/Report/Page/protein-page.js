// protein-page

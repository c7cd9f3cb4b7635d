// index-page

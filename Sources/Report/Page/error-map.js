// error-map

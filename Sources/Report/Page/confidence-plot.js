// confidence-plot

# escape=/
FROM ok:1.2.3

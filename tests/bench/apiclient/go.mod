module apiclient

go 1.25

# escape=`
FROM `
  mcr.microsoft.com/windows/servercore:ltsc2022 AS base
RUN dir C:\
FROM base

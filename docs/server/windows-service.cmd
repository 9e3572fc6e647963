@echo off
rem Starts LangMap with the computer, signed in or not. Run once as administrator, from the folder of LangMap.
rem Not yet tried on Windows.
cd /d "%~dp0..\.."
schtasks /create /tn LangMap /sc onstart /ru "NT AUTHORITY\LOCAL SERVICE" /rl limited /f ^
  /tr "cmd /c cd /d \"%cd%\" ^&^& .venv\Scripts\python.exe server.py ^>^> langmap.log 2^>^&1"
rem Nightly backup at 01:30.
schtasks /create /tn LangMapBackup /sc daily /st 01:30 /ru "NT AUTHORITY\LOCAL SERVICE" /f ^
  /tr "cmd /c cd /d \"%cd%\" ^&^& .venv\Scripts\python.exe -m gis backup --out backup.zip"
rem The account of these tasks must be allowed to write where the data are.
icacls "%cd%" /grant "LOCAL SERVICE:(OI)(CI)M" >nul
schtasks /run /tn LangMap

@echo off
rem Double click: sets LangMap up the first time, then starts it.
chcp 65001 >nul
setlocal
set PYTHONUTF8=1
cd /d "%~dp0"
where py >nul 2>nul
if errorlevel 1 goto python
py -3 start.py %*
goto end
:python
where python >nul 2>nul
if errorlevel 1 goto missing
python start.py %*
:end
set code=%errorlevel%
if not "%code%"=="0" pause
exit /b %code%
:missing
rem Letters beyond ASCII stand last: with some of them before a label, cmd misses the label.
echo Máy này chưa có Python: hãy cài Python 3.13, đánh dấu "Add python.exe to PATH", rồi chạy lại.
echo There is no Python on this computer: install Python 3.13, tick "Add python.exe to PATH", then start again.
pause
exit /b 1

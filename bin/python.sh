# Sets $python: the environment's own, else the first Python of this machine that can make one.
usable='import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
python=
for candidate in .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c "$usable" >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    cat >&2 <<'WORDS'
缺少 Python 3.11 或更高版本（须带 venv 模块）。安装办法：
  Debian、Ubuntu、统信 UOS    apt-get install python3 python3-venv
  openEuler、银河麒麟、RHEL   dnf install python3.11
  macOS                       brew install python@3.12
WORDS
    exit 1
fi

#!/bin/sh
# Finds what is missing on this machine and installs it: sh panel/setup.sh run|test
#
# "run" is what the system itself needs, "test" adds the tools of development and Debian's Chromium. What
# was installed once is remembered by stamps, so that the next time takes a second.
set -eu

purpose=${1:-run}
cd "$(dirname "$0")/.."
PATH=$PATH:/usr/sbin:/sbin

say() { printf '==> %s\n' "$*"; }
fail() { printf '错误：%s\n' "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# A stamp holds the checksum of what an installation depended on.
fingerprint() { cat "$@" | cksum; }
is_fresh() { [ -f "$1" ] && [ "$(cat "$1")" = "$2" ]; }

find_python() {
    for candidate in python3.11 python3.12 python3.13 python3.14 python3; do
        if has "$candidate" && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
        then
            printf '%s' "$candidate"
            return
        fi
    done
}

# Names of Debian packages whose content is not there, found by what they bring rather than by name.
missing_packages() {
    libraries=$(ldconfig -p 2>/dev/null || true)
    lacks() { case $libraries in *"$1"*) return 1 ;; esac; }

    python=$(find_python)
    [ -n "$python" ] || echo python3
    if [ ! -x .venv/bin/python ]; then
        [ -n "$python" ] && "$python" -c 'import ensurepip, venv' 2>/dev/null || echo python3-venv
    fi
    has node || echo nodejs
    has npm || echo npm
    if lacks libpango-1.0.so.0; then echo libpango-1.0-0; fi
    if lacks libpangoft2-1.0.so.0; then echo libpangoft2-1.0-0; fi
    if lacks libharfbuzz-subset.so.0; then echo libharfbuzz-subset0; fi
    if ! has fc-list; then
        echo fontconfig fonts-noto-cjk
    elif [ -z "$(fc-list :lang=zh-cn family)" ]; then
        echo fonts-noto-cjk
    fi
    if [ -z "${MONGODB_URI:-}" ] && ! has mongod; then
        if lacks libcurl.so.4; then echo libcurl4; fi
        if lacks libldap-2.5.so.0; then echo libldap-2.5-0; fi
    fi
    if [ "$purpose" = test ]; then
        has chromium || echo chromium
        has chromium-headless-shell || echo chromium-headless-shell
        has pdftoppm || echo poppler-utils
        has soffice || echo libreoffice-calc-nogui
    fi
}

install_packages() {
    packages=$(missing_packages | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    command="apt-get install --no-install-recommends $packages"
    has apt-get || fail "缺少系统软件包（Debian 的名称）：$packages。请用本系统的包管理器安装后重试。"
    [ "$(id -u)" = 0 ] || fail "缺少系统软件包。请运行：sudo apt-get update && sudo $command"
    say "安装系统软件包：$packages"
    apt-get update -qq
    # shellcheck disable=SC2086 - the list is meant to be split
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $packages >/dev/null
}

install_python_packages() {
    python=$(find_python)
    [ -n "$python" ] || fail "没有找到 Python 3.11 或更高版本。"
    if ! .venv/bin/python -c '' 2>/dev/null; then
        say "建立 Python 虚拟环境 .venv"
        "$python" -m venv --clear .venv
    fi
    extras=embedded
    [ "$purpose" = test ] && extras=embedded,dev
    stamp=.venv/.installed-$extras
    now=$(fingerprint pyproject.toml)
    is_fresh "$stamp" "$now" && return 0
    say "安装 Python 软件包（第一次约需几分钟）"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable ".[$extras]"
    rm -f .venv/.installed-*
    printf '%s\n' "$now" >"$stamp"
    # The tools of development include all that running needs.
    [ "$extras" = embedded ] || printf '%s\n' "$now" >.venv/.installed-embedded
}

install_front_end() {
    stamp=node_modules/.installed
    now=$(fingerprint package-lock.json)
    if ! is_fresh "$stamp" "$now"; then
        say "安装前端软件包"
        npm ci --no-audit --no-fund --loglevel=error
        printf '%s\n' "$now" >"$stamp"
    fi
    stamp=panel/static/vendor/.copied
    now=$(fingerprint package-lock.json panel/assets.py)
    if ! is_fresh "$stamp" "$now"; then
        say "复制前端文件"
        .venv/bin/python -m panel.assets
        printf '%s\n' "$now" >"$stamp"
    fi
}

compile_catalogues() {
    for catalogue in panel/translations/*/LC_MESSAGES/*.po; do
        compiled=${catalogue%.po}.mo
        # Newer or equal is not enough: git gives all files of a checkout the time of the checkout.
        if [ -f "$catalogue" ] && [ ! "$compiled" -nt "$catalogue" ]; then
            say "编译界面文字 $catalogue"
            .venv/bin/pybabel --quiet compile --input-file "$catalogue" --output-file "$compiled"
        fi
    done
}

case $purpose in run | test) ;; *) fail "用法：sh panel/setup.sh run|test" ;; esac
install_packages
install_python_packages
install_front_end
compile_catalogues

#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Prints a folder into which packages of Debian are unpacked, with all that they depend on.
#
#   config/packages.sh [-a ARCHITECTURE] [-s SUITE]... [-w PACKAGE]... NAME PACKAGE...
#
#   -a   packages for another processor
#   -s   from these suites of Debian instead of what this machine is set up for; the last one is preferred
#   -w   without this package, whoever depends on it
#
# apt fetches the packages from wherever this machine gets its own, but keeps its lists and states in a folder of its own:
# what the machine itself has installed and configured is neither used nor changed. Needs no root. The folder is made once
# and lies in the user's cache, as NAME and a number; remove it to have it made again. Where the packages cannot be had it
# exits 77.
set -euo pipefail

give_up()
{
	echo "config/packages.sh: $1" >&2
	exit 77
}

arch=
suites=()
without=()
while getopts a:s:w: option; do
	case $option in
	a) arch=$OPTARG ;;
	s) suites+=("$OPTARG") ;;
	w) without+=("$OPTARG") ;;
	*) echo "usage: config/packages.sh [-a ARCHITECTURE] [-s SUITE]... [-w PACKAGE]... NAME PACKAGE..." >&2 && exit 2 ;;
	esac
done
shift $((OPTIND - 1))
name=$1
packages=("${@:2}")

command -v apt-get >/dev/null || give_up "this system has no apt to fetch ${packages[*]} with"
# shellcheck source=/dev/null
release=$(. /etc/os-release && echo "$ID-${VERSION_CODENAME:-$VERSION_ID}")
arch=${arch:-$(dpkg --print-architecture)}
which=$(echo "${packages[*]} ${without[*]}" | cksum | cut -d ' ' -f 1)
root=${XDG_CACHE_HOME:-$HOME/.cache}/weir/$(printf '%s-' "${suites[@]:-$release}")$name-$arch-$which
if [ -d "$root" ]; then
	echo "$root"
	exit
fi

mkdir -p "$(dirname "$root")"
work=$(mktemp -d "$root.XXXXXX")
trap 'rm -rf "$work"' EXIT
apt=$work/apt
mkdir -p "$work/root" "$apt"/{lists,archives}/partial
: >"$apt/status"
for package in "${without[@]}"; do
	printf 'Package: %s\nStatus: install ok installed\nArchitecture: all\nVersion: 9999\n\n' "$package" >>"$apt/status"
done
# The host's hooks would tidy up the host's caches.
cat >"$apt/apt.conf" <<END
APT::Architecture "$arch";
#clear APT::Architectures;
APT::Architectures { "$arch"; };
APT::Sandbox::User "";
Acquire::Languages "none";
#clear APT::Update;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
END

# Other suites come from the mirror of the main archive that this machine uses.
if [ ${#suites[@]} -gt 0 ]; then
	# shellcheck disable=SC2016 # apt's own variables
	mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		awk -v os="${release%%-*}" 'os == "debian" && $1 !~ /[-\/]/ && $2 == "main" && !n++ { print $3 }')
	[ -n "$mirror" ] || give_up "apt is set up for no mirror of Debian here, from which to take ${suites[*]}"
	keys=/usr/share/keyrings/debian-archive-keyring.gpg
	[ -e $keys ] || give_up "$keys is missing; install debian-archive-keyring"
	printf "deb [signed-by=$keys] $mirror %s main\n" "${suites[@]}" >"$apt/sources.list"
	cat >>"$apt/apt.conf" <<-END
		APT::Default-Release "${suites[-1]}";
		Dir::Etc::SourceList "$apt/sources.list";
		Dir::Etc::SourceParts "/dev/null";
		Dir::Etc::PreferencesParts "/dev/null";
	END
fi
{
	apt-get -c "$apt/apt.conf" -q update
	apt-get -c "$apt/apt.conf" -q -y --no-install-recommends --download-only install "${packages[@]}"
} >"$apt/log" 2>&1 </dev/null || {
	tail -n 5 "$apt/log" >&2
	give_up "apt-get cannot get ${packages[*]} for $arch${suites[0]:+ from ${suites[*]}}"
}
for deb in "$apt"/archives/*.deb; do
	dpkg-deb -x "$deb" "$work/root"
done

# Links that name an absolute path mean one inside the folder.
find "$work/root" -type l -lname '/*' -printf '%p\t%l\n' | while IFS=$'\t' read -r link target; do
	ln -snf "$(realpath -m --relative-to="$(dirname "$link")" "$work/root$target")" "$link"
done
# Another run may have been quicker.
mv -T "$work/root" "$root" 2>/dev/null || [ -d "$root" ]
echo "$root"

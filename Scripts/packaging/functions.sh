# Parts of Scripts/package, which says what they are for; sourced by it.

fail() {
  echo "package: $1" >&2
  [[ -z ${2:-} ]] || echo "hint: $2" >&2
  exit 1
}

# Builds the program and puts it, stripped, into $build/program.
build_program() {
  local static="$build/static" swift_version library place
  swift_version="$(swift --version 2> /dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)"
  # The linker takes these before the shared ones of the system: this folder comes first, and has no others.
  rm -rf "$static"
  mkdir -p "$static"
  for library in libcrypto libz libstdc++; do
    place="$(clang "${for_clang[@]}" -print-file-name="$library.a")"
    [[ -e $place ]] || fail "$library.a: found none" "Scripts/install-deps installs the libraries, apt-get install g++ libstdc++"
    ln -s "$(realpath "$place")" "$static/$library.a"
  done
  # SwiftPM takes the folders of these files first of all.
  printf 'Name: libcrypto\nDescription: static\nVersion: 0\nLibs: -L%s -lcrypto\n' "$static" > "$static/libcrypto.pc"
  printf 'Name: zlib\nDescription: static\nVersion: 0\nLibs: -L%s -lz\n' "$static" > "$static/zlib.pc"
  clang "${for_clang[@]}" -O2 -Wall -Wextra -Werror -ffile-prefix-map="$root=." -c Scripts/packaging/older-glibc.c -o "$static/older-glibc.o"
  # A header and not an option, so that another commit does not compile everything again. Without it, or with another
  # one, its only reader must be compiled again.
  local reader=Sources/CArguments/build.c header=Sources/CArguments/packaged.h
  trap "rm -f $header; touch $reader" EXIT
  printf '#define ESMFOLD_COMMIT "%s"\n#define ESMFOLD_SWIFT "%s"\n' "$commit" "$swift_version" > "$header"
  touch "$reader"
  # Absolute paths are in texts for errors (-file-prefix-map). Debug information is not linked (-s).
  local options=(-c release --product esmfold --scratch-path "$build/swift" --static-swift-stdlib "${for_swift[@]}")
  PKG_CONFIG_PATH="$static${ARM64_SDK:+:$(realpath "${ARM64_SDK:-.}")/pkgconfig}" swift build "${options[@]}" \
    -Xswiftc -file-prefix-map -Xswiftc "$root=." -Xcc "-ffile-prefix-map=$root=." \
    -Xswiftc "-L$static" -Xlinker "$static/older-glibc.o" \
    -Xlinker -s -Xlinker --as-needed -Xlinker --exclude-libs=ALL -Xlinker --build-id=none
  cp "$(swift build "${options[@]}" --show-bin-path)/esmfold" "$build/program"
  chmod 755 "$build/program"
  # The compiler's notes on modules, for its own incremental builds: digests of its options, with the paths in them.
  local place size
  read -r place size <<< "$(readelf --sections --wide "$build/program" | sed 's/^ *\[[ 0-9]*\] *//' |
    awk '$1 == ".swift_modhash" { print $4, $5 }')"
  if [[ -n $size ]]; then
    head -c "$((16#$size))" /dev/zero |
      dd of="$build/program" bs=64K seek="$((16#$place))" oflag=seek_bytes conv=notrunc status=none
  fi
  rm -f "$header"
  touch "$reader"
  trap - EXIT
}

# Checks what the program $1 needs: libraries of glibc and libgcc_s alone, in no younger version than 2.$2, and no
# processor beyond the base set. Prints the minor version of glibc that it needs.
check_program() {
  local needed others minor
  needed="$(readelf --dynamic --wide "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')"
  others="$(grep -vE '^(libc|libm|libdl|libpthread|librt|libgcc_s|ld-linux[-a-z0-9_]*)\.so\.[0-9]+$' <<< "$needed" || true)"
  [[ -z $others ]] || fail "the program: found $(tr '\n' ' ' <<< "$others")as libraries that it needs, expected glibc and libgcc_s alone"
  minor="$(readelf --version-info --wide "$1" | grep -o 'GLIBC_2\.[0-9]*' | sort -u | sed 's/.*\.//' | sort -n | tail -n 1)"
  ((minor <= $2)) || fail "the program: found symbols of glibc 2.$minor, expected 2.$2 or older: \
$(readelf --dyn-syms --wide "$1" | grep -o "[^ ]*@GLIBC_2\.$minor" | sort -u | tr '\n' ' ')"
  ! readelf --notes "$1" | grep -q 'x86 ISA needed: x86-64-v' || fail "the program needs more than the base of x86-64"
  if grep -qaF "$root" "$1"; then fail "the program: found the path of its build in it"; fi
  # A manylinux tag below 2.17 does not exist.
  echo $((minor < 17 ? 17 : minor))
}

# What all packages have beside the program, as it lies below a prefix: share.
stage_common() {
  rm -rf "$1"
  local doc="$1/share/doc/esmfold" shell
  mkdir -p "$doc/manual" "$doc/examples" "$doc/licences"
  printf '#!/bin/sh\nexec%s "$@"\n' "$(printf " '%s'" "${emulator[@]}" "$program")" > "$build/run-program"
  chmod +x "$build/run-program"
  Scripts/manpages "$1/share/man" "$build/run-program" > /dev/null
  ln -s esmfold-fold.1 "$1/share/man/man1/esm-fold.1"
  for shell in bash:bash-completion/completions/esmfold zsh:zsh/site-functions/_esmfold \
    fish:fish/vendor_completions.d/esmfold.fish; do
    mkdir -p "$(dirname "$1/share/${shell#*:}")"
    "$build/run-program" completion "${shell%%:*}" > "$1/share/${shell#*:}"
  done
  cp README.md CHANGELOG.md "$doc"
  cp Sources/CommandLineTool/Manual/*.md "$doc/manual"
  git ls-files -z Examples | grep -zv '^Examples/Pictures/' | while IFS= read -r -d '' file; do
    mkdir -p "$doc/examples/$(dirname "${file#Examples/}")"
    cp "$file" "$doc/examples/${file#Examples/}"
  done
  stage_licences "$doc/licences"
}

# The licences of everything that is inside.
stage_licences() {
  local runtime package
  cp LICENSE "$1/esmfold.txt"
  runtime="$(dirname "$(realpath "$(command -v swiftc)")")/../share"
  # Swift's licence is the Apache licence with its exception for runtime libraries.
  if [[ -e $runtime/swift/LICENSE.txt ]]; then
    cp "$runtime/swift/LICENSE.txt" "$1/swift.txt"
  else
    cp /usr/share/doc/swiftlang/copyright "$1/swift.txt"
  fi
  for package in libssl-dev:openssl zlib1g-dev:zlib; do
    cp "$sysroot/usr/share/doc/${package%%:*}/copyright" "$1/${package##*:}.txt"
  done
  cp "$(realpath "$sysroot/usr/share/doc/libstdc++6/copyright")" "$1/libstdc++-libgcc.txt"
  cp /usr/share/common-licenses/GPL-3 "$1/GPL-3.txt"
  [[ ! -e Sources/CReport/viewer/licence.txt ]] || cp Sources/CReport/viewer/licence.txt "$1/report-viewer.txt"
}

# Gives everything below $1 the time of the commit and ordinary permissions.
settle() {
  chmod -R u=rwX,go=rX "$1"
  find "$1" -print0 | xargs -0 touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
}

make_tarball() {
  local folder="$build/$name" library place package
  rm -rf "$folder"
  mkdir -p "$folder/bin" "$folder/lib/esmfold/glibc"
  cp -a "$common/share" "$folder"
  cp "$program" "$folder/lib/esmfold/esmfold"
  clang "${for_clang[@]}" -static -O2 -Wall -Wextra -Werror "-DGLIBC_MINOR=$glibc" "-DLOADER=\"$loader\"" -ffile-prefix-map="$root=." \
    -Wl,-s -Wl,--build-id=none Scripts/packaging/launcher.c -o "$folder/bin/esmfold"
  ln -s esmfold "$folder/bin/esm-fold"
  # The C library whole: the system's libcurl asks for all of its parts.
  cp "$sysroot/$loader" "$folder/lib/esmfold/glibc/"
  for library in libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 libutil.so.1 libresolv.so.2 libnss_files.so.2 \
    libnss_dns.so.2 libanl.so.1 libgcc_s.so.1; do
    place="$(clang "${for_clang[@]}" "-print-file-name=$library")"
    [[ -e $place ]] || fail "$library: found none"
    cp "$place" "$folder/lib/esmfold/glibc/$library"
  done
  cp "$sysroot/usr/share/doc/libc6/copyright" "$folder/share/doc/esmfold/licences/glibc.txt"
  cp /usr/share/common-licenses/LGPL-2.1 "$folder/share/doc/esmfold/licences/LGPL-2.1.txt"
  if [[ -n $sysroot ]]; then
    package="$(sed -n 's/^libc6 /glibc /p' "$ARM64_SDK/packages")"
  else
    package="$(dpkg-query --show --showformat='${source:Package} ${source:Version}' libc6 2> /dev/null || echo unknown)"
  fi
  printf 'The files in lib/esmfold/glibc are the C library of Debian, unchanged (source package %s);\n%s\n' "$package" \
    'https://snapshot.debian.org has its sources. They are used where the system has an older one.' \
    > "$folder/share/doc/esmfold/licences/README.txt"
  settle "$folder"
  tar --create --format=gnu --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
    --directory="$build" "$name" | gzip -n -9 > "$target/$name.tar.gz"
}

make_debian_package() {
  command -v dpkg-deb > /dev/null || { echo "package: no dpkg-deb here: no Debian package" >&2; return; }
  local folder="$build/debian" doc="$build/debian/usr/share/doc/esmfold" size
  # As Debian's tools take it.
  local maintainer="${DEBFULLNAME:-Whoever made this package} <${DEBEMAIL:-esmfold@example.org}>"
  rm -rf "$folder"
  mkdir -p "$folder/usr/bin" "$folder/DEBIAN" "$folder/usr/share/lintian/overrides"
  cp -a "$common/share" "$folder/usr"
  cp "$program" "$folder/usr/bin/esmfold"
  ln -s esmfold "$folder/usr/bin/esm-fold"
  rm -rf "$doc/licences" "$doc/CHANGELOG.md" "$folder/usr/share/man/man1/esm-fold.1"
  mv "$folder/usr/share/zsh/site-functions" "$folder/usr/share/zsh/vendor-completions"
  find "$folder/usr/share/man" -type f -exec gzip -n -9 {} +
  ln -s esmfold-fold.1.gz "$folder/usr/share/man/man1/esm-fold.1.gz"
  python3 Scripts/packaging/debian_copyright.py "$common/share/doc/esmfold/licences" > "$doc/copyright"
  printf 'esmfold (%s) unstable; urgency=medium\n\n  * Built from commit %s; see README.md.\n\n -- %s  %s\n' \
    "$version" "$commit" "$maintainer" "$(date -R --date="@$SOURCE_DATE_EPOCH")" | gzip -n -9 > "$doc/changelog.gz"
  # The libraries of Debian 13 have other names than those of Debian 11: the package holds what it needs of them.
  # The file on licences quotes those of others, addresses included.
  printf 'esmfold: embedded-library *\nesmfold: old-fsf-address-in-copyright-file\n' > "$folder/usr/share/lintian/overrides/esmfold"
  size="$(du -sk --apparent-size "$folder/usr" | cut -f 1)"
  cat > "$folder/DEBIAN/control" <<END
Package: esmfold
Version: $version
Architecture: $debian
Maintainer: $maintainer
Installed-Size: $size
Depends: libc6 (>= 2.$glibc)
Recommends: libcurl4t64 | libcurl4, ca-certificates
Section: science
Priority: optional
Description: predict the structures of proteins from their sequences
 esmfold folds proteins with ESMFold on the processor, without Python, PyTorch
 or a GPU. It also computes embeddings, scores and contacts with the language
 models of the ESM-2 family. A small model for trying it is inside; models for
 real work are downloaded or imported once.
END
  (cd "$folder" && find usr -type f -print0 | sort -z | xargs -0 md5sum > DEBIAN/md5sums)
  settle "$folder"
  dpkg-deb --root-owner-group -Zxz --build "$folder" "$target/esmfold_${version}_$debian.deb" > /dev/null
}

namespace Platform.LocalSupabase.Files;

/// <summary>Small private files that are whole or absent, whatever interrupts the write.</summary>
internal static class AtomicFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Writes beside the target, flushes to disk and renames; readable by the owner alone from the first byte.</summary>
    /// <exception cref="IOException">The target exists and <paramref name="overwrite"/> is false, or the disk refused.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, bool overwrite)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite);
            LibC.SynchronizeDirectory(Path.GetDirectoryName(path) ?? "/");
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}

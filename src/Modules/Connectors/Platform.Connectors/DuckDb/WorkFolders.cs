using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Platform.Connectors.DuckDb;

/// <summary>
/// The places where workers meet files: a folder a piece of work, thrown away afterwards. The parent folder cannot be listed, so that a
/// worker finds no other folder than its own.
/// </summary>
internal sealed partial class WorkFolders : IDisposable
{
    private const string Prefix = "platform-duckdb-";

    private const UnixFileMode Passable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode ReadOnlyFolder = Passable | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode WritableFolder = ReadOnlyFolder | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode ReadOnlyFile = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public WorkFolders(IOptions<DuckDbOptions> options)
    {
        var parent = options.Value.Folder ?? Path.GetTempPath();
        Directory.CreateDirectory(parent);
        RemoveLeftOvers(parent);
        Base = CreateFolder(Path.Combine(parent, $"{Prefix}{Environment.ProcessId}-{Token()}"), Passable);
        Cache = CreateFolder(Path.Combine(Base, Token()), Passable);
    }

    /// <summary>Where this process works.</summary>
    public string Base { get; }

    /// <summary>Files that are kept at hand; nothing but this process writes here.</summary>
    public string Cache { get; }

    /// <summary>A new folder.</summary>
    /// <param name="writable">Whether the worker writes a file into it.</param>
    public string Create(bool writable) => CreateFolder(Path.Combine(Base, Token()), writable ? WritableFolder : ReadOnlyFolder);

    /// <summary>A new folder for a worker; what it works on stands in folders below.</summary>
    public string CreateForWorker() => CreateFolder(Path.Combine(Base, Token()), Passable);

    /// <summary>A new folder in a worker's own; the worker cannot write into it.</summary>
    public static string CreateWithin(string folder) => CreateFolder(Path.Combine(folder, Token()), ReadOnlyFolder);

    /// <summary>Puts a file of the cache into a folder without copying it, where the file systems allow.</summary>
    public static void Place(string source, string folder, string name)
    {
        var target = Path.Combine(folder, name);
        if (Link(source, target) != 0)
        {
            File.Copy(source, target);
        }

        Seal(target);
    }

    /// <summary>Makes a file unwritable: a worker that runs as the same user must not change what others will read.</summary>
    public static void Seal(string path) => File.SetUnixFileMode(path, ReadOnlyFile);

    public static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is DirectoryNotFoundException or UnauthorizedAccessException)
        {
            // Somebody tidied up before, or it is another user's.
        }
    }

    public void Dispose() => Remove(Base);

    private static string Token() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static string CreateFolder(string path, UnixFileMode mode)
    {
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        // Apart from the creation, whose mode the process's mask would cut.
        File.SetUnixFileMode(path, mode);
        return path;
    }

    // A Host that was killed could not tidy up.
    private static void RemoveLeftOvers(string parent)
    {
        foreach (var folder in Directory.GetDirectories(parent, $"{Prefix}*"))
        {
            var processId = Path.GetFileName(folder)[Prefix.Length..].Split('-')[0];
            if (!Directory.Exists($"/proc/{processId}"))
            {
                Remove(folder);
            }
        }
    }

    // .NET has no call for hard links.
    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int Link(string existing, string added);
}

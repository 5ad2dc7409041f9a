using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using System.Text;

namespace Platform.LocalSupabase.Files;

/// <summary>Owner and identity of a file or folder.</summary>
internal sealed record FileFacts(uint UserId, uint GroupId, ulong Device, ulong Node)
{
    public bool IsSameFileAs(FileFacts? other) => other is not null && (Device, Node) == (other.Device, other.Node);
}

/// <summary>The few system calls that the class library does not offer.</summary>
internal static partial class LibC
{
    public const int SignalInterrupt = 2;
    public const int SignalQuit = 3;
    public const int SignalKill = 9;

    private const int LongestPath = 4096;
    private const int CurrentDirectoryDescriptor = -100;
    private const uint BasicStatistics = 0x7ff;
    private const int GetFlags = 3;
    private const int SetFlags = 4;
    private const int ReadOnlyAndCloseOnExec = 0x80000;

    // O_DIRECT is one of the few flags with a number of its own on ARM.
    private static readonly int DirectFlag = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    /// <summary>Sends a signal; false when there is no such process (or it is another user's).</summary>
    public static bool Kill(int processId, int signal) => processId > 1 && NativeKill(processId, signal) == 0;

    public static uint EffectiveUserId() => NativeEffectiveUserId();

    public static void ChangeOwner(string path, uint userId, uint groupId)
    {
        if (NativeChangeOwner(path, userId, groupId) != 0)
        {
            throw LastError($"Cannot change the owner of {path}");
        }
    }

    /// <summary>Who owns a file or folder and which one it is, links followed; null when it cannot be looked at.</summary>
    public static FileFacts? Look(string path)
    {
        // struct statx has the same layout on every processor.
        Span<byte> statistics = stackalloc byte[256];
        return NativeStatistics(CurrentDirectoryDescriptor, path, 0, BasicStatistics, ref MemoryMarshal.GetReference(statistics)) == 0
            ? new FileFacts(
                UserId: BinaryPrimitives.ReadUInt32LittleEndian(statistics[20..]),
                GroupId: BinaryPrimitives.ReadUInt32LittleEndian(statistics[24..]),
                Device: BinaryPrimitives.ReadUInt64LittleEndian(statistics[136..]),
                Node: BinaryPrimitives.ReadUInt64LittleEndian(statistics[32..]))
            : null;
    }

    /// <summary>Where a path leads once all links in it are followed; null when it leads nowhere.</summary>
    public static string? RealPath(string path)
    {
        Span<byte> resolved = stackalloc byte[LongestPath];
        return NativeRealPath(path, ref MemoryMarshal.GetReference(resolved)) == 0
            ? null
            : Encoding.UTF8.GetString(resolved[..resolved.IndexOf((byte)0)]);
    }

    /// <summary>Makes a rename in this folder survive a power cut.</summary>
    public static void SynchronizeDirectory(string path)
    {
        var descriptor = NativeOpen(path, ReadOnlyAndCloseOnExec);
        if (descriptor < 0)
        {
            throw LastError($"Cannot open {path}");
        }

        var failed = NativeSynchronize(descriptor) != 0;
        var error = Marshal.GetLastPInvokeError();
        _ = NativeClose(descriptor);
        if (failed)
        {
            throw new IOException($"Cannot write {path} to disk: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    /// <summary>Has reads and writes of an open file go past the kernel's page cache, or through it again.</summary>
    /// <returns>Whether that is so now; not every file system can.</returns>
    public static bool UseDirectAccess(SafeFileHandle file, bool direct)
    {
        var flags = NativeControl(file, GetFlags, 0);
        return flags >= 0 && NativeControl(file, SetFlags, direct ? flags | DirectFlag : flags & ~DirectFlag) == 0;
    }

    private static IOException LastError(string what)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int NativeKill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint NativeEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "chown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeChangeOwner(string path, uint userId, uint groupId);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeStatistics(int directory, string path, int flags, uint mask, ref byte statistics);

    [LibraryImport("libc", EntryPoint = "realpath", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NativeRealPath(string path, ref byte resolved);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int NativeOpen(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int NativeSynchronize(int descriptor);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int NativeControl(SafeFileHandle file, int command, nint argument);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int NativeClose(int descriptor);
}

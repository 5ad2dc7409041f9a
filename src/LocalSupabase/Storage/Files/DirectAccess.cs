using Microsoft.Win32.SafeHandles;
using Platform.LocalSupabase.Files;

namespace Platform.LocalSupabase.Storage.Files;

/// <summary>
/// Reads and writes whole buffers past the kernel's page cache (<c>O_DIRECT</c>), where the file system can do that; the rest, and where it
/// cannot, goes the usual way. For one user at a time.
/// </summary>
internal sealed class DirectAccess(SafeFileHandle file)
{
    private bool _isOn;
    private bool _isRefused;

    /// <summary>Writes all of it at a place in the file.</summary>
    public void Write(ReadOnlySpan<byte> content, long offset)
    {
        if (Choose(content.Length, offset))
        {
            try
            {
                RandomAccess.Write(file, content, offset);
                return;
            }
            catch (Exception exception) when (exception is IOException or ArgumentException)
            {
                // Asked of a full disk in the usual way, the same error comes again.
                Refuse();
            }
        }

        RandomAccess.Write(file, content, offset);
    }

    /// <summary>Reads from a place in the file.</summary>
    /// <returns>How many bytes, 0 at the end.</returns>
    public int Read(Span<byte> buffer, long offset)
    {
        if (Choose(buffer.Length, offset))
        {
            try
            {
                return RandomAccess.Read(file, buffer, offset);
            }
            catch (Exception exception) when (exception is IOException or ArgumentException)
            {
                Refuse();
            }
        }

        return RandomAccess.Read(file, buffer, offset);
    }

    private bool Choose(int length, long offset)
    {
        var wanted = !_isRefused && length == PageBuffers.Size && offset % PageBuffers.PageSize == 0;
        if (wanted != _isOn)
        {
            (_isOn, _isRefused) = LibC.UseDirectAccess(file, wanted) ? (wanted, _isRefused) : (_isOn, true);
        }

        return wanted && _isOn;
    }

    private void Refuse()
    {
        _isRefused = true;
        _isOn = !LibC.UseDirectAccess(file, false);
    }
}

document.documentElement.classList.add("js");try{var t=localStorage.theme;t&&(document.documentElement.dataset.theme=t)}catch{}
